using DeployCard.Common.Text;

namespace DeployCard.Gateway.Problems;

/// <summary>Problems of the request itself: its rate, form, headers, parameters and body.</summary>
internal static class RequestProblems
{
    public static readonly GatewayProblem ClientClosed = new(
        GatewayErrorCode.ClientClosedRequest,
        "Client closed request",
        "The client disconnected before the response was complete."
    );

    public static GatewayProblem TooManyRequests(string scope, double perSecond, int burst, TimeSpan retryAfter) =>
        new(
            GatewayErrorCode.TooManyRequests,
            "Too many requests",
            $"The rate limit of this {scope} is {perSecond:0.##} requests/s on average, with bursts of up to {burst}. "
                + GatewayProblem.RetryAdvice,
            retryAfter
        );

    public static GatewayProblem BadRequest(int status, string detail) =>
        status is 413 ? new(GatewayErrorCode.BodyTooLarge, "Request body too large", detail)
        : status is 408 ? new(GatewayErrorCode.RequestReadTimeout, "Request arrived too slowly", detail)
        : new(GatewayErrorCode.BadRequest, "Malformed request", detail);

    public static GatewayProblem InvalidHeader(string header, string allowed, string given) =>
        new(GatewayErrorCode.InvalidHeader, "Invalid header", $"{header} must be {allowed}; got '{DisplayText.Shorten(given)}'.");

    public static GatewayProblem InvalidParameter(string parameter, string allowed, string given) =>
        new(
            GatewayErrorCode.InvalidParameter,
            "Invalid query parameter",
            $"{parameter} must be {allowed}; got '{DisplayText.Shorten(given)}'."
        );

    public static GatewayProblem BodyTooLarge(long maxBytes) =>
        new(GatewayErrorCode.BodyTooLarge, "Request body too large", $"The request body must be at most {maxBytes} bytes.");
}
