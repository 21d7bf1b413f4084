using System.Security.Claims;

namespace DeployCard.Contracts.Access;

/// <summary>Authenticates callers of the GraphQL endpoint by the server's access rules, before a request is read.</summary>
public interface ICallerAuthenticator
{
    /// <summary>Returns the caller, which resolvers receive as <see cref="ClaimsPrincipal"/>, or null to reject the request.</summary>
    /// <param name="bearerToken">Token from the Authorization header or from <c>connection_init</c>; null if the caller sent no
    /// token.</param>
    /// <param name="ct">Token that cancels authentication when the client disconnects.</param>
    ValueTask<ClaimsPrincipal?> Authenticate(string? bearerToken, CancellationToken ct);
}
