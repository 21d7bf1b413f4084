using System.Globalization;
using System.Net;
using DeployCard.Kubernetes.Pods;
using DeployCard.Kubernetes.Settings;
using Microsoft.Extensions.Options;

namespace DeployCard.Kubernetes.Output;

/// <summary>Requests to the API server for the logs of pods.</summary>
internal sealed class PodLogApi(KubernetesConnection connection, IOptions<KubernetesOptions> options)
{
    /// <summary>
    /// Opens the log of a pod's container, with a timestamp before each line. The method of the client library is not used because it has
    /// no parameter for the start time.
    /// </summary>
    /// <param name="pod">The name of the pod.</param>
    /// <param name="since">The time of the first line, truncated to whole seconds; null for all lines.</param>
    /// <param name="follow">Whether to wait for further lines until the container ends.</param>
    /// <param name="previous">Whether to read the previous run of the container instead of the current one.</param>
    /// <param name="cancellationToken">Token that cancels the request.</param>
    /// <returns>The log; null if there is nothing to read, because the pod or the run does not exist or has not started.</returns>
    public async Task<Stream?> Open(string pod, DateTimeOffset? since, bool follow, bool previous, CancellationToken cancellationToken)
    {
        // The API server accepts whole seconds only.
        var from = since is { } at
            ? $"&sinceTime={Uri.EscapeDataString(at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))}"
            : "";
        var client = connection.Client;
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(
                client.BaseUri,
                $"api/v1/namespaces/{connection.Namespace}/pods/{pod}/log?container={ServingContainer.Name}&timestamps=true"
                    + $"&follow={Text(follow)}&previous={Text(previous)}{from}"
            )
        );
        if (client.Credentials is { } credentials)
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        // A followed log sends no response headers before its first line, which may take any time.
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!follow)
            timeout.CancelAfter(options.Value.RequestTimeout);
        var response = await client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
        if (response.IsSuccessStatusCode)
            return await response.Content.ReadAsStreamAsync(cancellationToken);
        using (response)
        {
            return response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest
                ? null
                : throw new HttpRequestException(
                    $"Reading the log of pod {pod} failed with status {(int)response.StatusCode}.",
                    null,
                    response.StatusCode
                );
        }
    }

    private static string Text(bool value) => value ? "true" : "false";
}
