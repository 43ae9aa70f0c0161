//! Who may do what: one table of roles and permissions. Five roles need no policy language.

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
    /// Let members join and leave interest clubs.
    ChooseClubs,
    /// Merge members who are one person, and undo it.
    MergeMembers,
    /// Open households, let members join and leave them.
    ManageHouseholds,
    /// Replace audiences, the sets of members that rules can name.
    ReplaceAudiences,
    /// Be the second person who approves an adjustment.
    ApproveAdjustments,
    /// Publish a programme version.
    PublishProgramme,
    /// List console users and add new ones.
    ManagePeople,
    /// Issue vouchers, and declare them void.
    IssueVouchers,
    /// Hand rewards out, cancel redemptions, give holds up.
    HandOut,
    /// Turn everybody's points into vouchers by a statement.
    RunStatements,
    /// Print a member's statement, with the codes of their vouchers.
    PrintStatements,
    /// Import the answers to surveys.
    ImportSurveys,
    /// Move the clock of a sandbox on.
    MoveClock,
    /// Sell and take back at a till.
    UseTill,
}

/// Whether a role has a permission.
pub(crate) fn allows(role: Role, permission: Permission) -> bool {
    use Permission as P;
    match role {
        Role::Manager => true,
        Role::Analyst => {
            matches!(permission, P::Read | P::ExportMembers | P::ReplaceAudiences | P::ImportSurveys)
        }
        Role::Auditor => matches!(permission, P::Read),
        Role::Support => matches!(
            permission,
            P::Read
                | P::AdjustPoints
                | P::ChooseClubs
                | P::MergeMembers
                | P::ManageHouseholds
                | P::HandOut
                | P::PrintStatements
        ),
        Role::Cashier => matches!(permission, P::UseTill),
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
            // permission            manager analyst auditor support cashier
            (P::Read, [true, true, true, true, false]),
            (P::ExportMembers, [true, true, false, false, false]),
            (P::AdjustPoints, [true, false, false, true, false]),
            (P::ChooseClubs, [true, false, false, true, false]),
            (P::MergeMembers, [true, false, false, true, false]),
            (P::ManageHouseholds, [true, false, false, true, false]),
            (P::ReplaceAudiences, [true, true, false, false, false]),
            (P::ApproveAdjustments, [true, false, false, false, false]),
            (P::PublishProgramme, [true, false, false, false, false]),
            (P::ManagePeople, [true, false, false, false, false]),
            (P::IssueVouchers, [true, false, false, false, false]),
            (P::HandOut, [true, false, false, true, false]),
            (P::RunStatements, [true, false, false, false, false]),
            (P::PrintStatements, [true, false, false, true, false]),
            (P::ImportSurveys, [true, true, false, false, false]),
            (P::MoveClock, [true, false, false, false, false]),
            (P::UseTill, [true, false, false, false, true]),
        ];
        for (permission, expected) in table {
            let roles = Role::ALL;
            assert_eq!(roles.map(|role| allows(role, permission)), expected, "{permission:?}");
        }
    }
}
