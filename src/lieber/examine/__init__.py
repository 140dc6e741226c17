"""Metadata, keyframes and near-duplicates: empty until media are examined."""
