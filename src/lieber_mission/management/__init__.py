"""The commands of a mission, on its folder."""
