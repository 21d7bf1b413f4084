using System.Security.Claims;
using DeployCard.Contracts.Access;

namespace DeployCard.GraphQL.Tests.Support;

/// <summary>Accepts one token; an open authenticator also accepts callers without a token.</summary>
internal sealed class TestAuthenticator(bool open) : ICallerAuthenticator
{
    public const string Token = "dc_admin_7f3a";

    public ValueTask<ClaimsPrincipal?> Authenticate(string? bearerToken, CancellationToken ct) =>
        new(
            bearerToken == Token ? Named("ada")
            : open && bearerToken is null ? Named("anyone")
            : null
        );

    private static ClaimsPrincipal Named(string name) => new(new ClaimsIdentity([new(ClaimTypes.Name, name)], "test"));
}
