using DeployCard.LocalProcess.Processes;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

/// <summary>A small web server in Python that starts within milliseconds.</summary>
internal static class Python
{
    public static bool IsAvailable { get; } = ProgramFinder.Find("python3", "/", Environment.GetEnvironmentVariable("PATH")) is not null;

    public static string Server(int notReady, string readinessPath) =>
        $$"""
            import os, socket
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", int(os.environ["PORT"])))
            listener.listen(64)
            left = {{notReady}}
            while True:
                connection, _ = listener.accept()
                path = connection.recv(65536).decode().split(" ")[1:2]
                status = "503 Service Unavailable" if left > 0 else "200 OK" if path == ["{{readinessPath}}"] else "404 Not Found"
                left -= 1
                body = "\n".join(sorted(f"{k}={v}" for k, v in os.environ.items())).encode()
                connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
                connection.close()
            """;
}
