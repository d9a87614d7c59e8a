"""Stand-ins for Microsoft's and Google's APIs, and the made-up organisation whose records they serve."""

from workbench.tenants.bulk import Bulk
from workbench.tenants.export import export_csv
from workbench.tenants.faults import Faults, GoogleFaults
from workbench.tenants.office365 import Office365
from workbench.tenants.organisation import Organisation
from workbench.tenants.plan import Rule
from workbench.tenants.records import Record
from workbench.tenants.standing import Standing
from workbench.tenants.workspace import Workspace

__all__ = [
    "Bulk",
    "Faults",
    "GoogleFaults",
    "Office365",
    "Organisation",
    "Record",
    "Rule",
    "Standing",
    "Workspace",
    "export_csv",
]
