using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>Takes the token out of <c>Bearer …</c>. It must reach the authenticator only, and never a log.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";

    public static string? Of(HttpRequest request) => Parse(request.Headers.Authorization);

    public static string? Parse(string? authorization)
    {
        if (authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) != true) return null;
        var token = authorization[Scheme.Length..].Trim();
        return token.Length == 0 ? null : token;
    }
}
