using DeployCard.GraphQL.Engine.Errors;
using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>
/// Protects against requests from web pages of other origins. Browsers send simple requests, such as links and forms, without a CORS
/// preflight. The endpoint allows no preflight, so browsers never send requests that require a preflight. A POST requires a preflight
/// because of its content type. A GET requires a preflight only if it has a header that a link cannot set.
/// </summary>
internal static class Preflight
{
    // The token header, the headers used by Apollo's clients and servers, and the header used by GraphQL.NET and others.
    private static readonly string[] Headers =
    [
        "Authorization",
        "GraphQL-Require-Preflight",
        "Apollo-Require-Preflight",
        "X-Apollo-Operation-Name",
    ];

    /// <exception cref="RejectedRequestException">A link or an image could have caused the request.</exception>
    public static void Require(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) || Headers.Any(header => !string.IsNullOrEmpty(request.Headers[header])))
            return;
        throw new RejectedRequestException(
            StatusCodes.Status400BadRequest,
            ErrorCodes.PreflightRequired,
            "A GET requires a header that a link cannot set: Authorization or GraphQL-Require-Preflight: 1."
        );
    }
}
