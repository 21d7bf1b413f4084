using System.Security.Claims;

namespace DeployCard.GraphQL;

/// <summary>Who is calling? The server's access rules answer; the GraphQL end point asks before it reads a request.</summary>
public interface IGraphQLAuthenticator
{
    /// <summary>The caller, handed to resolvers as <see cref="ClaimsPrincipal"/>; null refuses the call.</summary>
    /// <param name="bearerToken">From the Authorization header or from <c>connection_init</c>; null when there was none.</param>
    /// <param name="ct">The caller may leave.</param>
    ValueTask<ClaimsPrincipal?> Authenticate(string? bearerToken, CancellationToken ct);
}
