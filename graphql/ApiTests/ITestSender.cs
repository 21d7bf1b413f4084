namespace DeployCard.GraphQL.ApiTests;

/// <summary>Sends a request to a deployment on the way that programs take: through the gateway, over HTTP.</summary>
public interface ITestSender
{
    /// <summary>Sends it and waits for the answer.</summary>
    /// <param name="deployment">The deployment's name.</param>
    /// <param name="request">The request.</param>
    /// <param name="ct">Ends the wait.</param>
    Task<TestResponse> Send(string deployment, TestRequestInput request, CancellationToken ct);
}
