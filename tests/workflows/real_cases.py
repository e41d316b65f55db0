"""The real cities that are taken along the whole road, and what is known of them."""

HOUSEHOLDS = {
    "singapore_outram": 7_855,
    "shenzhen_futian_west": 109_465,
    "singapore_bukit_merah": 54_151,
    "singapore_hdb_west": 480_449,
    "xiamen_city": 1_378_080,
}
WALKED = ("singapore_outram", "shenzhen_futian_west", "singapore_bukit_merah")
"""Those with streets."""
IN_PROCESSES = ("singapore_hdb_west", "xiamen_city")
"""Those large enough to be divided by two processes."""
