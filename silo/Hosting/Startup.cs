using System.Net;
using System.Net.Sockets;
using DeployCard.Contracts.Retention;
using DeployCard.Contracts.Storage;
using DeployCard.Kubernetes.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Hosting;

/// <summary>Checks the prerequisites of the silo, runs it, and reports a failed start on one line.</summary>
internal static class Startup
{
    /// <summary>Switch that upgrades the schema of the storage and exits. Administrators can do that before they start the silos.</summary>
    public const string MigrateOnlySwitch = "--migrate-only";

    /// <summary>Runs the silo. Returns the exit code: 0 after a graceful shutdown, 1 after an error, which is written to stderr.</summary>
    public static async Task<int> Run(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception e)
        {
            // An unexpected exception is a bug, so it is printed in full.
            await Console.Error.WriteLineAsync($"deploycard: {ToMessage(e) ?? e.ToString()}");
            return 1;
        }
    }

    /// <summary>Checks the most frequent causes of a failed start before any service starts, so that nothing has to be undone.</summary>
    public static void CheckPrerequisites(this WebApplication app)
    {
        // Comes first, so that all invalid settings are reported together. Creating a service validates only the options of that service.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        CheckPorts(app.Configuration);
        // Creating the first store opens the database.
        app.Services.GetRequiredService<IRetentionStore>();
    }

    /// <summary>Upgrades the schema of the storage to this version, and prints the names of the applied scripts.</summary>
    public static async Task MigrateOnly(this WebApplication app)
    {
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        var scripts = app.Services.GetRequiredService<IStorageSchema>().Apply();
        await Console.Out.WriteLineAsync(
            scripts.Count == 0 ? "The storage schema is up to date." : $"Applied to the storage: {string.Join(", ", scripts)}."
        );
    }

    private static void CheckPorts(IConfiguration configuration)
    {
        foreach (var url in SiloBuilder.GetUrls(configuration))
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
                    $"port {port} is used by another program: stop it, or choose another port with --urls http://localhost:{port + 1}",
                    e
                );
            }
        }
    }

    /// <summary>Deletes the socket file that a killed silo left behind, because listening on an existing file fails.</summary>
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

        throw new StartupException($"{path} is used by another program: stop it, or choose another path in --urls");
    }

    /// <summary>Returns the message of an expected error on one line; null if the error is unexpected.</summary>
    private static string? ToMessage(Exception exception) =>
        exception switch
        {
            StartupException
            or StorageException
            or KubernetesAccessException
            or OptionsValidationException
            or PlatformNotSupportedException => exception.Message.ReplaceLineEndings(" "),
            IOException { InnerException: AddressInUseException } => exception.Message.ReplaceLineEndings(" "),
            AggregateException all when all.InnerExceptions.Select(ToMessage).ToList() is var lines && !lines.Contains(null) => string.Join(
                " ",
                lines
            ),
            // The value of a setting cannot be converted to its type, such as text for a number.
            InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } => exception.Message.ReplaceLineEndings(" "),
            _ when exception.InnerException is { } inner => ToMessage(inner),
            _ => null,
        };
}
