"""A made company whose truth is known: its people, its dials, its dialler's exports and dirt."""
