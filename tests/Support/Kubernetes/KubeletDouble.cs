using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>
/// Double of a scheduler and a kubelet that runs all pods on one node. Containers are processes of this machine. Each gets a separate
/// address in 127.0.0.0/8, also as <c>POD_IP</c>. CPU and memory limits are not enforced.
/// </summary>
/// <param name="server">The API server whose pods run on the node.</param>
/// <param name="images">Commands of images by reference. Other images cannot be pulled.</param>
public sealed class KubeletDouble(ApiServerDouble server, IReadOnlyDictionary<string, IReadOnlyList<string>> images) : IAsyncDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly ConcurrentDictionary<string, Task> pods = new();
    private Task working = Task.CompletedTask;

    // Nodes of other tests may run on this machine at the same time.
    private readonly string network = $"127.{Random.Shared.Next(1, 255)}.{Random.Shared.Next(0, 255)}";
    private int addresses;

    public static KubeletDouble Start(ApiServerDouble server, IReadOnlyDictionary<string, IReadOnlyList<string>> images)
    {
        var node = new KubeletDouble(server, images);
        node.working = Task.Run(node.Work);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(pods.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        end.Dispose();
    }

    private async Task Work()
    {
        while (!end.IsCancellationRequested)
        {
            var changed = server.Pods.Changed;
            foreach (var pod in server.Pods.All)
                _ = pods.GetOrAdd((string)pod["metadata"]!["uid"]!, _ => Task.Run(() => Run(pod)));
            await changed.WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task Run(JsonObject pod)
    {
        var name = (string)pod["metadata"]!["name"]!;
        if (pod["spec"]!["nodeSelector"] is not null)
        {
            server.Node.SetUnschedulable(
                name,
                "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. "
                    + "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
            );
            return Task.CompletedTask;
        }

        var serving = pod["spec"]!["containers"]![0]!;
        var command = images.GetValueOrDefault((string)serving["image"]!);
        if (serving["command"] is JsonArray given)
            command = command is null ? null : [.. given.Select(part => (string)part!)];
        var container = new ContainerDouble(server, name, $"{network}.{Interlocked.Increment(ref addresses)}");
        return command is null ? container.FailImagePull((string)serving["image"]!, end.Token) : container.Run(command, serving, end.Token);
    }
}
