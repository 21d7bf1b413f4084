using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport.Playground;

/// <summary>Restricts the playground's page and its workers to connections to this server.</summary>
internal static class PlaygroundSecurity
{
    // The editor creates style elements at run time, so inline styles must be allowed.
    private const string Policy =
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        + "img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

    public static void Apply(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
    }
}
