# Home Assistant puts probatio in the place of voluptuous before any integration is loaded.
from probatio import *
