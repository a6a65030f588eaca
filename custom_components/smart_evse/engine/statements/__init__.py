"""A closed span's account for one driver, vehicle or site."""
