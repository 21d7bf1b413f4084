using System.Security.Claims;
using GraphQL;
using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>Who opened the socket: by the payload of <c>connection_init</c>, for browsers, or by the header of the upgrade.</summary>
internal sealed class SocketGreeting(HttpRequest upgrade, IGraphQLAuthenticator authenticator)
{
    public async ValueTask<ClaimsPrincipal?> Authenticate(Inputs? payload, CancellationToken cancellationToken)
    {
        var token = BearerToken.Parse(Authorization(payload)) ?? BearerToken.Of(upgrade);
        // Browsers let any page open a socket to any host. Where no token is asked for, only our own pages may.
        if (token is null && IsFromElsewhere())
            return null;
        return await authenticator.Authenticate(token, cancellationToken);
    }

    private static string? Authorization(Inputs? payload) =>
        payload?.FirstOrDefault(entry => entry.Key is "authorization" or "Authorization").Value as string;

    private bool IsFromElsewhere()
    {
        var origin = upgrade.Headers.Origin.ToString();
        return origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority == upgrade.Host.Value);
    }
}
