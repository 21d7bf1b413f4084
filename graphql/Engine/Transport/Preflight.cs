using DeployCard.GraphQL.Engine.Errors;
using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>
/// Keeps pages of other origins out: a browser sends a request without asking the server first (a preflight) where it looks like a link or a form. We answer
/// no preflight, so whatever needs one never comes. A POST needs one by its content type; a GET only by a header that no link can bring.
/// </summary>
internal static class Preflight
{
    // Besides the token's, those that Apollo's clients and servers agreed on, and the one of GraphQL.NET's and others.
    private static readonly string[] Headers =
    [
        "Authorization",
        "GraphQL-Require-Preflight",
        "Apollo-Require-Preflight",
        "X-Apollo-Operation-Name",
    ];

    /// <exception cref="RefusedRequestException">A link or an image could have brought the request.</exception>
    public static void Require(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) || Headers.Any(header => !string.IsNullOrEmpty(request.Headers[header])))
            return;
        throw new RefusedRequestException(
            StatusCodes.Status400BadRequest,
            ErrorCodes.PreflightRequired,
            "A GET needs a header that no link can bring: Authorization, or GraphQL-Require-Preflight: 1."
        );
    }
}
