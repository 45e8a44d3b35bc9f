//! Who may give which role to whom (ENR-12).

use crate::access::clients::grantable_roles;
use crate::access::{Role, TokenKind};
use crate::error::{Code, Error, Fault, Result};

/// What is added is none beyond the granter's own; what a user has already it may keep. Roles of customers are not for
/// partners' people.
pub fn may_give(own: &[Role], has: &[Role], wanted: &[Role]) -> Result<()> {
    if let Some(index) = wanted.iter().position(|role| !role.is_for(TokenKind::Partner)) {
        return Err(Error::refused(vec![Fault::at(format!("/roles/{index}"), Code::RoleNotForPartners)]));
    }
    let added: Vec<Role> = wanted.iter().copied().filter(|role| !has.contains(role)).collect();
    grantable_roles(own, &added)?;
    // Nor does anybody take away what it could not give.
    let taken: Vec<Role> = has.iter().copied().filter(|role| !wanted.contains(role)).collect();
    grantable_roles(own, &taken)
}

/// A partner that has a globalAdmin keeps one.
pub fn keeps_an_admin(has: &[Role], wanted: &[Role], admins: i64) -> Result<()> {
    let leaves = has.contains(&Role::GlobalAdmin) && !wanted.contains(&Role::GlobalAdmin);
    if leaves && admins <= 1 { Err(Error::new(Code::LastGlobalAdmin)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{AdminAgent, CustomerGlobalAdmin, GlobalAdmin, SalesAgent};
    use test_case::test_case;

    #[test_case(&[GlobalAdmin, AdminAgent], &[], &[GlobalAdmin], Ok(()); "its own")]
    #[test_case(&[GlobalAdmin], &[], &[AdminAgent], Ok(()); "a globalAdmin grants adminAgent")]
    #[test_case(&[AdminAgent], &[], &[GlobalAdmin], Err(Code::GrantExceedsOwn); "beyond its own")]
    #[test_case(&[AdminAgent], &[GlobalAdmin], &[GlobalAdmin, AdminAgent], Ok(()); "what somebody has it may keep")]
    #[test_case(&[AdminAgent], &[GlobalAdmin], &[], Err(Code::GrantExceedsOwn); "taking what it could not give")]
    #[test_case(&[GlobalAdmin], &[], &[SalesAgent], Err(Code::GrantExceedsOwn); "a role that it lacks")]
    #[test_case(&[GlobalAdmin], &[], &[CustomerGlobalAdmin], Err(Code::RoleNotForPartners); "a customer's role")]
    fn rule_enr_12_roles(own: &[Role], has: &[Role], wanted: &[Role], expected: Result<(), Code>) {
        assert_eq!(may_give(own, has, wanted).map_err(|error| error.code()), expected);
    }

    #[test]
    fn rule_enr_12_the_last_global_admin_stays() {
        assert!(keeps_an_admin(&[GlobalAdmin], &[AdminAgent], 1).is_err());
        assert!(keeps_an_admin(&[GlobalAdmin], &[AdminAgent], 2).is_ok());
        assert!(keeps_an_admin(&[AdminAgent], &[], 1).is_ok());
    }
}
