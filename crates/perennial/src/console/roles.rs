//! Who may do what: one table of roles and permissions. Four roles need no policy language.

use operations::Role;

/// Something a page shows or does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Read every page about members, the programme and imports.
    Read,
    /// Take lists of members away as a file.
    ExportMembers,
    /// Ask for an adjustment of points.
    AdjustPoints,
    /// Be the second person who approves an adjustment.
    ApproveAdjustments,
    /// Publish a programme version.
    PublishProgramme,
    /// List console users and add new ones.
    ManagePeople,
}

/// Whether a role has a permission.
pub(crate) fn allows(role: Role, permission: Permission) -> bool {
    use Permission as P;
    match role {
        Role::Manager => true,
        Role::Analyst => matches!(permission, P::Read | P::ExportMembers),
        Role::Auditor => matches!(permission, P::Read),
        Role::Support => matches!(permission, P::Read | P::AdjustPoints),
    }
}

#[cfg(test)]
mod tests {
    use operations::Role;

    use super::{Permission, allows};

    #[test]
    fn the_table_of_roles_and_permissions() {
        use Permission as P;
        let table = [
            // permission            manager analyst auditor support
            (P::Read, [true, true, true, true]),
            (P::ExportMembers, [true, true, false, false]),
            (P::AdjustPoints, [true, false, false, true]),
            (P::ApproveAdjustments, [true, false, false, false]),
            (P::PublishProgramme, [true, false, false, false]),
            (P::ManagePeople, [true, false, false, false]),
        ];
        for (permission, expected) in table {
            let roles = [Role::Manager, Role::Analyst, Role::Auditor, Role::Support];
            assert_eq!(roles.map(|role| allows(role, permission)), expected, "{permission:?}");
        }
    }
}
