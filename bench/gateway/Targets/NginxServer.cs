using System.Diagnostics;
using DeployCard.Bench.Common.Processes;

namespace DeployCard.Bench.Gateway.Targets;

/// <summary>nginx, configured for speed: the key in a map, keep-alive connections on both sides.</summary>
internal static class NginxServer
{
    /// <summary>Writes a configuration into a folder, starts nginx with it and waits until nginx responds.</summary>
    public static async Task<(ServerProcess Process, string Origin)> Start(
        string nginx,
        string pod,
        string key,
        string folder,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(folder);
        var port = Ports.FindFree();
        var file = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(file, CreateConfiguration(port, new Uri(pod).Authority, key), cancellationToken);
        var origin = $"http://127.0.0.1:{port}";
        var start = new ProcessStartInfo(nginx, ["-p", folder, "-c", file, "-e", Path.Combine(folder, "error.log")]);
        // The pod's paths require the key, so readiness has its own location, which nginx serves itself.
        return (
            await ServerProcess.Start(start, new($"{origin}/nginx-is-ready"), TimeSpan.FromMilliseconds(50), cancellationToken),
            origin
        );
    }

    private static string CreateConfiguration(int port, string pod, string key) =>
        $$"""
            daemon off;
            user {{Environment.UserName}};
            worker_processes auto;
            pid nginx.pid;
            events { worker_connections 4096; }
            http {
              access_log off;
              client_body_temp_path body;
              proxy_temp_path proxy;
              fastcgi_temp_path fastcgi;
              uwsgi_temp_path uwsgi;
              scgi_temp_path scgi;
              client_max_body_size 0;
              keepalive_requests 100000000;
              map_hash_bucket_size 256;
              map $http_x_api_key $is_known {
                default 0;
                "{{key}}" 1;
              }
              upstream pod {
                server {{pod}};
                keepalive 512;
                keepalive_requests 100000000;
              }
              server {
                listen 127.0.0.1:{{port}} backlog=4096;
                location = /nginx-is-ready { return 204; }
                location / {
                  if ($is_known = 0) { return 401; }
                  proxy_pass http://pod;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_set_header X-API-Key "";
                }
                location = /count {
                  if ($is_known = 0) { return 401; }
                  # Stream the body, as the other proxies do, instead of buffering it in a file.
                  proxy_request_buffering off;
                  proxy_pass http://pod;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_set_header X-API-Key "";
                }
              }
            }

            """;
}
