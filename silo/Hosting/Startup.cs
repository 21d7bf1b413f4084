using System.Net;
using System.Net.Sockets;
using DeployCard.Grains.Retention;
using DeployCard.Grains.Runtimes.Kubernetes;
using DeployCard.Grains.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Hosting;

/// <summary>Starts and runs the silo, and tells in one line why it cannot.</summary>
internal static class Startup
{
    /// <summary>Brings the storage to this version and ends: for who updates that before the silos.</summary>
    public const string MigrateOnlySwitch = "--migrate-only";

    /// <summary>Runs it. Returns the exit code: 0 after an orderly end, 1 when it could not start.</summary>
    public static async Task<int> Explain(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception e)
        {
            // What nobody foresaw is a bug, and told with all that is known of it.
            await Console.Error.WriteLineAsync($"deploycard: {Line(e) ?? e.ToString()}");
            return 1;
        }
    }

    /// <summary>Looks at what most often fails before anything is started, so that nothing has to be taken back.</summary>
    public static void Check(this WebApplication app)
    {
        // First, so that all that is wrong is told at once: whoever reads the options of one part meets only what is wrong with these.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        CheckPorts(app.Configuration);
        // Whoever makes the first store opens the database.
        app.Services.GetRequiredService<IRetentionStore>();
    }

    /// <summary>Brings the storage to this version, and tells what that took.</summary>
    public static async Task MigrateOnly(this WebApplication app)
    {
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        var scripts = app.Services.GetRequiredService<IStorageSchema>().Apply();
        await Console.Out.WriteLineAsync(
            scripts.Count == 0 ? "The storage has this version already." : $"The storage took {string.Join(", ", scripts)}."
        );
    }

    private static void CheckPorts(IConfiguration configuration)
    {
        foreach (var url in SiloBuilder.Urls(configuration))
        {
            var address = BindingAddress.Parse(url);
            if (address.IsUnixPipe)
                RemoveStaleSocket(address.UnixPipePath);
            if (address.IsUnixPipe || address.IsNamedPipe)
                continue;
            var port = address.Port;
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
                throw new StartupException(
                    $"port {port} is taken by another program: stop that one, or choose another by --urls http://localhost:{port + 1}",
                    e
                );
            }
        }
    }

    /// <summary>A silo that was killed leaves its socket behind, which nobody could listen on again.</summary>
    private static void RemoveStaleSocket(string path)
    {
        if (!File.Exists(path))
            return;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }

        throw new StartupException($"{path} is taken by another program: stop that one, or choose another path in --urls");
    }

    private static string? Line(Exception exception) =>
        exception switch
        {
            StartupException
            or StorageException
            or KubernetesAccessException
            or OptionsValidationException
            or PlatformNotSupportedException => exception.Message.ReplaceLineEndings(" "),
            IOException { InnerException: AddressInUseException } => exception.Message.ReplaceLineEndings(" "),
            AggregateException all when all.InnerExceptions.Select(Line).ToList() is var lines && !lines.Contains(null) => string.Join(
                " ",
                lines
            ),
            // A value of the settings that is no number, no time …
            InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } => exception.Message.ReplaceLineEndings(" "),
            _ when exception.InnerException is { } inner => Line(inner),
            _ => null,
        };
}
