"""Maps: folium builders, frames or layer addresses in, folium.Map out."""
