"""The only network: what the mission takes from outside, and what it hands to others.

Each door is off until it is configured. Nothing in here reads the register or writes to it: it takes values
and gives values, and actions record what came of it.
"""
