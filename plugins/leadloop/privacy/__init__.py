"""What keeps people unnamed: keyed phone hashes (`phones`) and masked text (`mask`)."""
