using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport.Playground;

/// <summary>What the playground's page and its workers may do: nothing but talk to this server.</summary>
internal static class PlaygroundSecurity
{
    // The editor makes style elements while it runs, so styles cannot be limited to files.
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
