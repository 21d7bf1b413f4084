using DeployCard.GraphQL.Engine.Errors;
using GraphQL;
using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>Writes results, and errors in the format of results.</summary>
internal sealed class ResponseWriter(IGraphQLTextSerializer json)
{
    public Task Write(HttpContext http, ResponseMedia media, int status, ExecutionResult result)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = media.ContentType();
        http.Response.Headers.CacheControl = "no-store";
        return json.WriteAsync(http.Response.Body, result, http.RequestAborted);
    }

    public Task WriteRejection(HttpContext http, RejectedRequestException rejection)
    {
        if (rejection.Allow is not null)
            http.Response.Headers.Allow = rejection.Allow;
        return WriteError(http, rejection.Status, rejection.Code, rejection.Message);
    }

    public Task WriteUnauthenticated(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer";
        return WriteError(
            http,
            StatusCodes.Status401Unauthorized,
            ErrorCodes.Unauthenticated,
            "Send a valid token in the header Authorization: Bearer …"
        );
    }

    private Task WriteError(HttpContext http, int status, string code, string message)
    {
        var media =
            ResponseMediaNegotiation.Negotiate(http.Request) is ResponseMedia.GraphQLResponse
                ? ResponseMedia.GraphQLResponse
                : ResponseMedia.Json;
        return Write(http, media, status, new() { Errors = [new ExecutionError(message) { Code = code }] });
    }
}
