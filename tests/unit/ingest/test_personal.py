"""What is said of residents is refused where it is recognised, and never stored where it is not."""

import pytest
from shapely import LineString, Point

PHONE, PERSON, IDENTITY = "13812345678", "张三丰", "350102199001011234"
VALID_IDENTITY = "110101199003077897"
FRAMES = (
    "regions", "former_regions", "buildings", "estates", "barriers", "facilities", "given_grids", "nodes", "edges",
)  # fmt: skip
FACILITIES = '[files.facilities]\npath = "facilities.gpkg"\n'


def stored(frames):
    """Return every text that the frames hold, headers included."""
    found = []
    for name in FRAMES:
        frame = getattr(frames, name)
        found += [*frame.columns, *frame.drop(columns="geometry").to_numpy(dtype=object).ravel().tolist()]
    return " ".join(map(str, found))


@pytest.mark.parametrize("text", [f"{PHONE} {PERSON}", f"{PERSON}{PHONE}", IDENTITY, f"{PERSON}，{IDENTITY}"])
def test_columns_that_we_do_not_know_never_reach_the_frames(town, text):
    street = LineString([(521000, 3023000), (521300, 3023000)])
    layers = {
        "regions": town.regions(),
        "buildings": town.buildings(),
        "estates": town.stored({"id": ["e1"], "name": ["怡和苑"]}, [town.square(90, 90, 50)]),
        "barriers": town.stored({"kind": ["road"]}, [town.square(0, 0, 50)]),
        "facilities": town.stored({"id": ["f"], "name": ["驿站"], "kind": ["clinic"]}, [Point(521050, 3023050)]),
        "plan": town.stored({"code": ["g1"]}, [town.square(0, 0, 100)]),
        "streets": town.stored({"highway": ["residential"]}, [street]),
    }
    for kind, frame in layers.items():
        frame.assign(备注=text, remark=text).to_file(town.folder / f"{kind}.gpkg")
    optional = [kind for kind in layers if kind not in ("regions", "buildings")]
    frames = town.read(extra="".join(f'[files.{kind}]\npath = "{kind}.gpkg"\n' for kind in optional))
    assert len(frames.edges) == len(frames.facilities) == 1
    for secret in (PHONE, PERSON, IDENTITY, "备注", "remark"):
        assert secret not in stored(frames)
        assert not any(secret in note.zh + note.en for note in frames.notes)


@pytest.mark.parametrize("text", [f"{PERSON}{VALID_IDENTITY}", f"证 {VALID_IDENTITY[:6]}\u200b{VALID_IDENTITY[6:]}。"])
@pytest.mark.parametrize("column", ["name", "address"])
def test_an_identity_number_inside_a_stored_text_is_refused_without_repeating_it(town, column, text):
    columns = {"id": ["f"], "name": ["驿站"], "kind": ["clinic"], "address": ["一号"], column: [text]}
    town.stored(columns, [Point(521050, 3023050)]).to_file(town.folder / "facilities.gpkg")
    said = town.refusal(extra=FACILITIES)
    assert said.startswith(f"facilities.gpkg：“{column}”列第 1 个要素起有身份证号")
    assert VALID_IDENTITY[6:14] not in said


@pytest.mark.parametrize("text", [f"{VALID_IDENTITY}0", f"1{VALID_IDENTITY}", IDENTITY, f"{VALID_IDENTITY}A"])
def test_longer_codes_and_wrong_check_digits_are_no_identity_numbers(town, text):
    columns = {"id": ["f"], "name": [text], "kind": ["clinic"]}
    town.stored(columns, [Point(521050, 3023050)]).to_file(town.folder / "facilities.gpkg")
    assert town.read(extra=FACILITIES).facilities["name"].tolist() == [text]


def test_a_header_with_something_invisible_in_it_is_still_a_persons(town):
    town.buildings().assign(**{"姓\u200b名": "x"}).to_file(town.folder / "buildings.gpkg")
    assert "“姓名”列像是居民的姓名" in town.refusal()
