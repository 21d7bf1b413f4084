namespace DeployCard.GraphQL.ApiTests;

/// <summary>Sends test requests to a deployment through the gateway over HTTP, as client programs do.</summary>
public interface ITestSender
{
    /// <summary>Sends the request and waits for the response.</summary>
    /// <param name="deployment">Name of the deployment.</param>
    /// <param name="request">The request to send.</param>
    /// <param name="ct">Token that cancels the request.</param>
    Task<TestResponse> Send(string deployment, TestRequestInput request, CancellationToken ct);
}
