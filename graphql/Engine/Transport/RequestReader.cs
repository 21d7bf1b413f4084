using System.Text.Json;
using DeployCard.GraphQL.Engine.Errors;
using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>
/// Reads one request from a query string or a body. Batches (several requests in one body) are not supported; with HTTP/2, clients can send
/// requests concurrently.
/// </summary>
internal sealed class RequestReader(IGraphQLTextSerializer json, IOptions<GraphQLOptions> options)
{
    public async Task<GraphQLRequest> Read(HttpContext http)
    {
        var request = http.Request.Method switch
        {
            "GET" => ReadQuery(http.Request.Query),
            "POST" => await ReadBody(http),
            var method => throw MethodNotAllowed(method),
        };
        return string.IsNullOrWhiteSpace(request.Query) && !PersistedOperations.HasHash(request)
            ? throw Invalid("The query is missing.")
            : request;
    }

    private GraphQLRequest ReadQuery(IQueryCollection query)
    {
        try
        {
            return new()
            {
                Query = query["query"],
                OperationName = query["operationName"],
                Variables = Object(query["variables"]),
                Extensions = Object(query["extensions"]),
            };
        }
        catch (Exception failure) when (IsUnreadable(failure))
        {
            throw Invalid("variables and extensions must be JSON objects.");
        }
    }

    private Inputs? Object(string? text) => string.IsNullOrEmpty(text) ? null : json.Deserialize<Inputs>(text);

    private async Task<GraphQLRequest> ReadBody(HttpContext http)
    {
        if (!ResponseMediaNegotiation.IsJsonBody(http.Request))
            throw UnsupportedMediaType();
        LimitBody(http);
        try
        {
            return await json.ReadAsync<GraphQLRequest>(http.Request.Body, http.RequestAborted) ?? throw Invalid("The body is null.");
        }
        catch (BadHttpRequestException failure)
        {
            throw new RejectedRequestException(failure.StatusCode, ErrorCodes.InvalidRequest, failure.Message);
        }
        catch (Exception failure) when (IsUnreadable(failure))
        {
            throw Invalid("The body is not one GraphQL request in JSON. Send the requests of a batch concurrently.");
        }
    }

    private void LimitBody(HttpContext http)
    {
        var maxBytes = options.Value.MaxBodyBytes;
        if (http.Request.ContentLength > maxBytes)
            throw new RejectedRequestException(
                StatusCodes.Status413PayloadTooLarge,
                ErrorCodes.InvalidRequest,
                $"The body is larger than {maxBytes} bytes."
            );
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = maxBytes;
    }

    private static bool IsUnreadable(Exception failure) =>
        failure is JsonException or InvalidOperationException or NotSupportedException or FormatException;

    private static RejectedRequestException MethodNotAllowed(string method) =>
        new(
            StatusCodes.Status405MethodNotAllowed,
            ErrorCodes.InvalidRequest,
            $"Method {method} is not supported; use GET or POST.",
            allow: "GET, POST"
        );

    private static RejectedRequestException UnsupportedMediaType() =>
        new(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.InvalidRequest, "The Content-Type must be application/json in UTF-8.");

    private static RejectedRequestException Invalid(string message) =>
        new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, message);
}
