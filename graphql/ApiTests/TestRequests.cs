using System.ComponentModel.DataAnnotations;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;
using DeployCard.GraphQL.Images;

namespace DeployCard.GraphQL.ApiTests;

/// <summary>Tries a deployment.</summary>
[MutationType]
public sealed class ApiTestMutations(ITestSender sender)
{
    /// <summary>Sends a request through the gateway, as a program would, and tells what came back. No key is needed.</summary>
    /// <param name="input">The request.</param>
    /// <param name="ct">The operation's.</param>
    public async Task<TestRequestPayload> TestRequest(TestRequestInput input, CancellationToken ct)
    {
        if (!DeploymentName.TryParse(input.Deployment, out var name))
            return new(null, UserErrors.One("deployment", ErrorCodes.NotFound, $"There is no deployment named '{input.Deployment}'."));
        if (input.Path is not ['/', ..])
            return new(null, UserErrors.One("path", ErrorCodes.Invalid, "path must begin with a slash."));
        return new(await sender.Send(name.Value, input, ct), []);
    }
}

/// <summary>A request to a deployment.</summary>
/// <param name="Deployment">The deployment's name.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path on the model with its query, beginning with a slash, up to 8,192 characters.</param>
/// <param name="Headers">Header fields, at most 100.</param>
/// <param name="Body">The body as text; left out: none.</param>
/// <param name="IsAsync">Whether to make an asynchronous call of it.</param>
public sealed record TestRequestInput(
    string Deployment,
    [property: RegularExpression("^[A-Z]{1,20}$", ErrorMessage = "method must be 1 to 20 letters A-Z.")] string Method = "POST",
    [property: StringLength(8192)] string Path = "/",
    [property: MaxLength(100)] IReadOnlyList<HeaderInput>? Headers = null,
    string? Body = null,
    bool IsAsync = false
);

/// <summary>One header field.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record HeaderInput(
    [property: RegularExpression(
        "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$",
        ErrorMessage = "A header's name must be a token of 1 to 256 characters."
    )]
        string Name,
    [property: StringLength(8192)] string Value
);

/// <summary>What came back.</summary>
/// <param name="StatusCode">The HTTP status code.</param>
/// <param name="Headers">Header fields.</param>
/// <param name="Body">The body as text, at most 1 MiB of it; null where it is no text.</param>
/// <param name="BodyBase64">The body as base64 where it is no text.</param>
/// <param name="IsTruncated">Whether there was more of the body.</param>
/// <param name="Duration">From sending to the last byte.</param>
/// <param name="AsyncCallId">The id of the asynchronous call that was made.</param>
public sealed record TestResponse(
    int StatusCode,
    IReadOnlyList<Header> Headers,
    string? Body,
    string? BodyBase64,
    bool IsTruncated,
    TimeSpan Duration,
    [property: ID] string? AsyncCallId
);

/// <summary>What came of a test request.</summary>
/// <param name="Response">What came back; null when nothing was sent because of errors.</param>
/// <param name="Errors">Why nothing was sent; empty when it was.</param>
public sealed record TestRequestPayload(TestResponse? Response, IReadOnlyList<UserError> Errors);
