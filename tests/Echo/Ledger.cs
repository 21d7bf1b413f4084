using System.Collections.Concurrent;

namespace DeployCard.Tests.Echo;

/// <summary>What this pod has seen of the requests to each path; a test asks for it at <c>/ledger/{path}</c>.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, Page> pages = new();

    public Page Of(string path) => pages.GetOrAdd(path, _ => new());

    public async Task Note(HttpContext context, RequestDelegate next)
    {
        var page = Of(context.Request.Path.Value!);
        context.Features.Set(page);
        page.Begin();
        var isWhole = false;
        try
        {
            await next(context);
            isWhole = !context.RequestAborted.IsCancellationRequested;
        }
        finally
        {
            page.End(isWhole);
        }
    }
}

/// <summary>The requests to one path.</summary>
internal sealed class Page
{
    private int began;
    private int completed;
    private int aborted;
    private long received;

    public int Began => Volatile.Read(ref began);

    public int Completed => Volatile.Read(ref completed);

    /// <summary>Those whose client went away before their end.</summary>
    public int Aborted => Volatile.Read(ref aborted);

    /// <summary>Bytes of their bodies, as far as they were read.</summary>
    public long Received => Volatile.Read(ref received);

    public void Begin() => Interlocked.Increment(ref began);

    public void End(bool isWhole) => Interlocked.Increment(ref isWhole ? ref completed : ref aborted);

    public void Receive(int bytes) => Interlocked.Add(ref received, bytes);
}

internal static class LedgerEndpoints
{
    public static void UseLedger(this WebApplication app)
    {
        var ledger = new Ledger();
        app.Use(ledger.Note);
        app.MapGet("/ledger/{**path}", (string path) => ledger.Of("/" + path));
    }
}
