using DeployCard.GraphQL.Engine.Errors;
using GraphQL;
using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>Writes a result, or a refusal in the shape of one.</summary>
internal sealed class ResponseWriter(IGraphQLTextSerializer json)
{
    public Task Write(HttpContext http, ResponseMedia media, int status, ExecutionResult result)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = media.ContentType();
        http.Response.Headers.CacheControl = "no-store";
        return json.WriteAsync(http.Response.Body, result, http.RequestAborted);
    }

    public Task Refuse(HttpContext http, RefusedRequestException refusal)
    {
        if (refusal.Allow is not null)
            http.Response.Headers.Allow = refusal.Allow;
        return WriteError(http, refusal.Status, refusal.Code, refusal.Message);
    }

    public Task RefuseUnauthenticated(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer";
        return WriteError(
            http,
            StatusCodes.Status401Unauthorized,
            ErrorCodes.Unauthenticated,
            "Send a valid token as Authorization: Bearer …"
        );
    }

    private Task WriteError(HttpContext http, int status, string code, string message)
    {
        var media =
            ResponseMediaNegotiation.Of(http.Request) is ResponseMedia.GraphQLResponse ? ResponseMedia.GraphQLResponse : ResponseMedia.Json;
        return Write(http, media, status, new() { Errors = [new ExecutionError(message) { Code = code }] });
    }
}
