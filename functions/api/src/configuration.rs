//! Who may use the API, from the environment.

use std::sync::Arc;

use api::access::Access;
use api::access::issuer::{Call, Issuer};
use api::access::program::Programs;
use api::access::sign_in::SignIn;
use api::access::token::{Settings, Tokens};
use aws::sdk::Clock;
use runtime::environment::{Environment, MissingVariable};

/// People by tokens of `OIDC_ISSUER` for `OIDC_CLIENT_ID`, whose firm and roles are the claims `OIDC_FIRM_CLAIM` and
/// `OIDC_ROLE_CLAIM`. They sign in to the desk at `DESK_ADDRESS`, and out at `OIDC_SIGN_OUT` if the issuer does not say where.
/// Programs by IAM, as `PROGRAMS` lists them.
///
/// # Errors
/// [`MissingVariable`] names the first that is missing or cannot be used. The log says what is wrong with it.
pub(crate) fn access(environment: &Environment, call: Call, clock: &Clock) -> Result<Access, MissingVariable> {
    let address = environment.required("OIDC_ISSUER")?;
    let issuer = Issuer::new(&address, call, clock.clone()).map_err(|error| unusable("OIDC_ISSUER", &error))?;
    let issuer = Arc::new(issuer);
    let client = environment.required("OIDC_CLIENT_ID")?;
    let settings = Settings {
        issuer: address,
        audience: client.clone(),
        firm_claim: environment.required("OIDC_FIRM_CLAIM")?,
        role_claim: environment.required("OIDC_ROLE_CLAIM")?,
    };
    let desk = environment.required("DESK_ADDRESS")?;
    let sign_in = SignIn::new(Arc::clone(&issuer), client, &desk, environment.required("OIDC_SIGN_OUT").ok());
    let programs = environment.required("PROGRAMS")?;
    let programs = Programs::parse(&programs).map_err(|error| unusable("PROGRAMS", &error))?;
    let tokens = Tokens::new(settings, issuer.keys(), clock.clone());
    Ok(Access::Tokens(tokens.with_sign_in(sign_in).with_programs(programs)))
}

fn unusable(name: &'static str, why: &dyn std::fmt::Display) -> MissingVariable {
    tracing::error!(variable = name, problem = %why, "a variable cannot be used");
    MissingVariable { name }
}
