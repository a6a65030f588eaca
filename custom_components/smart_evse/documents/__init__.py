"""What people send on: sessions as a table that any office program opens."""
