using System.Security.Claims;
using DeployCard.Common.Text;
using DeployCard.Contracts.Access;
using GraphQL;
using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>
/// Authenticates the client of a WebSocket by the payload of <c>connection_init</c>, as browsers must, or by the header of the upgrade
/// request.
/// </summary>
internal sealed class ConnectionInitHandler(HttpRequest upgrade, ICallerAuthenticator authenticator)
{
    public async ValueTask<ClaimsPrincipal?> Authenticate(Inputs? payload, CancellationToken cancellationToken)
    {
        var token = BearerToken.Parse(Authorization(payload)) ?? BearerToken.Parse(upgrade.Headers.Authorization);
        // Browsers let any page open a WebSocket to any host. Without a token, only pages of this server are accepted.
        if (token is null && IsCrossOrigin())
            return null;
        return await authenticator.Authenticate(token, cancellationToken);
    }

    private static string? Authorization(Inputs? payload) =>
        payload?.FirstOrDefault(entry => entry.Key is "authorization" or "Authorization").Value as string;

    private bool IsCrossOrigin()
    {
        var origin = upgrade.Headers.Origin.ToString();
        return origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority == upgrade.Host.Value);
    }
}
