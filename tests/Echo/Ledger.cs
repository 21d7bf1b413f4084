using System.Collections.Concurrent;

namespace DeployCard.Tests.Echo;

/// <summary>Counts the requests to each path of this pod. A test reads the counts at <c>/ledger/{path}</c>.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, Page> pages = new();

    public Page GetPage(string path) => pages.GetOrAdd(path, _ => new());

    public async Task Track(HttpContext context, RequestDelegate next)
    {
        var page = GetPage(context.Request.Path.Value!);
        context.Features.Set(page);
        page.Begin();
        var isComplete = false;
        try
        {
            await next(context);
            isComplete = !context.RequestAborted.IsCancellationRequested;
        }
        finally
        {
            page.End(isComplete);
        }
    }
}

/// <summary>Counts of the requests to one path.</summary>
internal sealed class Page
{
    private int began;
    private int completed;
    private int aborted;
    private long received;

    public int Began => Volatile.Read(ref began);

    public int Completed => Volatile.Read(ref completed);

    /// <summary>Number of requests that were aborted because their client disconnected.</summary>
    public int Aborted => Volatile.Read(ref aborted);

    /// <summary>Number of body bytes read.</summary>
    public long Received => Volatile.Read(ref received);

    public void Begin() => Interlocked.Increment(ref began);

    public void End(bool isComplete) => Interlocked.Increment(ref isComplete ? ref completed : ref aborted);

    public void Receive(int bytes) => Interlocked.Add(ref received, bytes);
}

internal static class LedgerEndpoints
{
    public static void UseLedger(this WebApplication app)
    {
        var ledger = new Ledger();
        app.Use(ledger.Track);
        app.MapGet("/ledger/{**path}", (string path) => ledger.GetPage("/" + path));
    }
}
