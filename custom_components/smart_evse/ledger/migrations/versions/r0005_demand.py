"""How much of the main fuse was taken while a car charged: some tariffs follow it."""

from alembic import op
from sqlalchemy import Column, Float, inspect

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    known = {column["name"] for column in inspect(op.get_bind()).get_columns("session_interval")}
    if "demand" not in known:
        op.add_column("session_interval", Column("demand", Float(53)))
