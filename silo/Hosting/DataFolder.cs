using System.Security.Cryptography;

namespace DeployCard.Silo.Hosting;

/// <summary>
/// The folder with the database and the secret of this installation. It is locked for one silo: two on one folder would both believe
/// that they alone decide.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const string SecretFile = "secret.key";
    private const string LockFile = "lock";
    private const int SecretLength = 32;

    private readonly FileStream @lock;

    private DataFolder(string path, FileStream @lock, byte[] secret) => (Path, this.@lock, Secret) = (path, @lock, secret);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>
    /// Goes into the hash of every key and token, and into every webhook secret. Without it none of them is good any more: keep it with the database.
    /// </summary>
    public byte[] Secret { get; }

    /// <summary>Makes the folder where it is missing, and takes it.</summary>
    /// <exception cref="StartupException">It cannot be written, or another silo has it.</exception>
    public static DataFolder Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"the data folder {path} cannot be made: {e.Message}", e);
        }

        var taken = Lock(path);
        try
        {
            return new(path, taken, ReadSecret(System.IO.Path.Combine(path, SecretFile)));
        }
        catch (Exception e)
        {
            taken.Dispose();
            throw e is StartupException ? e : new StartupException($"the data folder {path} cannot be used: {e.Message}", e);
        }
    }

    public void Dispose() => @lock.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            return new(System.IO.Path.Combine(path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StartupException(
                $"the data folder {path} cannot be written: give this user the right to, or choose another one by Storage:Path",
                e
            );
        }
        catch (IOException e)
        {
            throw new StartupException($"the data folder {path} is in use by another silo, or cannot be written: {e.Message}", e);
        }
    }

    private static byte[] ReadSecret(string file)
    {
        if (!File.Exists(file))
            WriteSecret(file);
        var text = File.ReadAllText(file).Trim();
        var secret = new byte[text.Length];
        return Convert.TryFromBase64String(text, secret, out var length) && length >= SecretLength
            ? secret[..length]
            : throw new StartupException(
                $"{file} holds no secret of {SecretLength} bytes as base64: restore it from a copy, without it no key can be checked"
            );
    }

    private static void WriteSecret(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // Whole or not at all: half a secret would be taken for the secret at the next start.
        var whole = file + ".new";
        File.Delete(whole);
        using (var stream = new FileStream(whole, options))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretLength))));
            stream.Flush(flushToDisk: true);
        }

        File.Move(whole, file);
    }
}
