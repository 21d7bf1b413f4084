using System.Collections.Concurrent;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;

namespace DeployCard.Tests.Support;

/// <summary>Test double for sending callbacks: the test decides the result of each delivery. The real sender has separate tests.</summary>
public sealed class ScriptedCallbackSender : ICallbackSender
{
    private readonly ConcurrentQueue<SentCallback> sent = new();
    private readonly ConcurrentDictionary<string, Func<SentCallback, Task<DeliveryResult>>> scripts = new();

    /// <summary>Returns the deliveries to a host so far, in order of their start.</summary>
    public IReadOnlyList<SentCallback> DeliveriesTo(string host) => [.. sent.Where(callback => callback.Message.Url.Host == host)];

    /// <summary>Sets the result of each delivery to a host.</summary>
    public void Script(string host, Func<SentCallback, Task<DeliveryResult>> script) => scripts[host] = script;

    /// <summary>Sets the results of consecutive deliveries to a host; the last result is repeated.</summary>
    public void RespondWith(string host, params DeliveryResult[] results)
    {
        var next = -1;
        Script(host, _ => Task.FromResult(results[Math.Min(Interlocked.Increment(ref next), results.Length - 1)]));
    }

    /// <summary>Lets deliveries to a host hang until the test calls <see cref="SentCallback.Complete"/> or they are canceled.</summary>
    public void Hang(string host) => Script(host, callback => callback.Completion);

    public async Task<DeliveryResult> Send(CallbackMessage message, CancellationToken cancellationToken)
    {
        var callback = new SentCallback(message);
        sent.Enqueue(callback);
        var result = scripts.TryGetValue(message.Url.Host, out var script)
            ? script(callback)
            : Task.FromResult(DeliveryResult.FromResponse(200));
        return await result.WaitAsync(cancellationToken);
    }
}

/// <summary>A delivery received by the test double.</summary>
public sealed record SentCallback(CallbackMessage Message)
{
    private readonly TaskCompletionSource<DeliveryResult> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<DeliveryResult> Completion => end.Task;

    public void Complete(DeliveryResult result) => end.TrySetResult(result);
}
