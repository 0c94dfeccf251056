"""What keeps people unnamed: keyed phone hashes (`phones`) and masked text (`mask`).

What is masked stands in `numbers`, `places` and `names`; `leaks` looks whether any got through.
"""
