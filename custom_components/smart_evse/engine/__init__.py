"""The engine decides and touches nothing: frozen values in, frozen values out."""
