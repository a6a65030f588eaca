"""The laws that are compared: ours, simple ones, one like today's best known, and ones that know more than any can."""
