using System.ComponentModel.DataAnnotations;
using DeployCard.Contracts.Results;
using DeployCard.GraphQL.Images;

namespace DeployCard.GraphQL.ApiTests;

/// <summary>Mutations that send test requests to a deployment.</summary>
[MutationType]
public sealed class ApiTestMutations(ITestSender sender)
{
    /// <summary>
    /// Sends a request through the gateway, as a client program would, and returns the response. No deployment key is required.
    /// </summary>
    /// <param name="input">The request to send.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public async Task<TestRequestPayload> TestRequest(TestRequestInput input, CancellationToken ct)
    {
        if (!DeploymentLookup.TryParse(input.Deployment, out var name, out var error))
            return new(null, [error]);
        if (input.Path is not ['/', ..])
            return new(null, UserErrors.Create("path", ErrorCodes.InvalidInput, "path must begin with a slash."));
        return new(await sender.Send(name.Value, input, ct), []);
    }
}

/// <summary>A test request to a deployment.</summary>
/// <param name="Deployment">Name of the deployment.</param>
/// <param name="Method">HTTP method, 1 to 20 letters A-Z, default <c>POST</c>.</param>
/// <param name="Path">Path on the model with its query string, starting with a slash, at most 8,192 characters, default <c>/</c>.</param>
/// <param name="Headers">Request headers, at most 100; null sends none.</param>
/// <param name="Body">Request body as text; null sends no body.</param>
/// <param name="IsAsync">Whether to submit the request as an asynchronous call; default false.</param>
public sealed record TestRequestInput(
    string Deployment,
    [property: RegularExpression("^[A-Z]{1,20}$", ErrorMessage = "method must be 1 to 20 letters A-Z.")] string Method = "POST",
    [property: StringLength(8192)] string Path = "/",
    [property: MaxLength(100)] IReadOnlyList<HeaderInput>? Headers = null,
    string? Body = null,
    bool IsAsync = false
);

/// <summary>A header of a request.</summary>
/// <param name="Name">Header name, 1 to 256 characters of an HTTP token.</param>
/// <param name="Value">Header value, at most 8,192 characters.</param>
public sealed record HeaderInput(
    [property: RegularExpression(
        "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$",
        ErrorMessage = "A header's name must be a token of 1 to 256 characters."
    )]
        string Name,
    [property: StringLength(8192)] string Value
);

/// <summary>The response to a test request.</summary>
/// <param name="StatusCode">HTTP status code of the response.</param>
/// <param name="Headers">Headers of the response.</param>
/// <param name="Body">First 1 MiB of the response body as text; null if the body is not valid UTF-8.</param>
/// <param name="BodyBase64">First 1 MiB of the response body as base64; null if the body is valid UTF-8.</param>
/// <param name="IsTruncated">Whether the response body was longer than 1 MiB and was truncated.</param>
/// <param name="Duration">Time from sending the request to receiving the last byte of the response.</param>
/// <param name="AsyncCallId">Id of the asynchronous call that was created; null if the request was synchronous or was rejected.</param>
public sealed record TestResponse(
    int StatusCode,
    IReadOnlyList<Header> Headers,
    string? Body,
    string? BodyBase64,
    bool IsTruncated,
    TimeSpan Duration,
    [property: ID] string? AsyncCallId
);

/// <summary>Result of the mutation <c>testRequest</c>.</summary>
/// <param name="Response">Response of the gateway or the model; null if the request was not sent.</param>
/// <param name="Errors">Errors that prevented sending the request; empty on success.</param>
public sealed record TestRequestPayload(TestResponse? Response, IReadOnlyList<UserError> Errors);
