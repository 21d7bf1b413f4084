using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>Takes the token out of <c>Bearer …</c>. It must reach the authenticator only, and never a log.</summary>
public static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>The token of a request; null where it has none.</summary>
    public static string? Of(HttpRequest request) => Parse(request.Headers.Authorization);

    /// <summary>The token in the value of a header field <c>Authorization</c>; null where there is none.</summary>
    public static string? Parse(string? authorization)
    {
        if (authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) != true)
            return null;
        var token = authorization[Scheme.Length..].Trim();
        return token.Length == 0 ? null : token;
    }
}
