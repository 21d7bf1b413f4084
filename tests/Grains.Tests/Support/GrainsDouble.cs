using System.Reflection;

namespace DeployCard.Grains.Tests.Support;

/// <summary>
/// Doubles of grains for tests without a silo. A method without a handler completes immediately, with the default value of its result.
/// </summary>
internal sealed class GrainsDouble
{
    private readonly Dictionary<(Type Grain, string Method), Func<string, object?[], object?>> handlers = [];
    private readonly List<string> requests = [];

    public GrainsDouble() =>
        Factory = CreateProxy<IGrainFactory>((method, arguments) => CreateGrain(method.ReturnType, (string)arguments[0]!));

    public IGrainFactory Factory { get; }

    /// <summary>Names of the methods that were called so far, in order.</summary>
    public IReadOnlyList<string> Requests => requests;

    /// <summary>Also receives the name of each method, before its handler runs.</summary>
    public Action<string> OnRequest { get; set; } = _ => { };

    /// <summary>Sets the result of a method. The handler gets the key of the grain and the arguments.</summary>
    public void On<TGrain>(string method, Func<string, object?[], object?> handler) => handlers[(typeof(TGrain), method)] = handler;

    /// <summary>Creates a double of an interface.</summary>
    public static T CreateProxy<T>(Func<MethodInfo, object?[], object?> handler)
        where T : class
    {
        var proxy = DispatchProxy.Create<T, Proxy>();
        ((Proxy)(object)proxy).Handler = handler;
        return proxy;
    }

    /// <summary>Returns a completed task of the type that a method returns, with the default value of its result.</summary>
    public static object? CompletedTask(MethodInfo method)
    {
        if (!method.ReturnType.IsGenericType)
            return Task.CompletedTask;
        var result = method.ReturnType.GetGenericArguments()[0];
        return typeof(Task)
            .GetMethod(nameof(Task.FromResult))!
            .MakeGenericMethod(result)
            .Invoke(null, [result.IsValueType ? Activator.CreateInstance(result) : null]);
    }

    private object CreateGrain(Type type, string key)
    {
        var grain = DispatchProxy.Create(type, typeof(Proxy));
        ((Proxy)grain).Handler = (method, arguments) =>
        {
            requests.Add(method.Name);
            OnRequest(method.Name);
            return handlers.TryGetValue((type, method.Name), out var handler) ? handler(key, arguments) : CompletedTask(method);
        };
        return grain;
    }

    // DispatchProxy creates a subtype of this class.
#pragma warning disable CA1852
    internal class Proxy : DispatchProxy
#pragma warning restore CA1852
    {
        public Func<MethodInfo, object?[], object?> Handler { get; set; } = (method, _) => CompletedTask(method);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Handler(targetMethod!, args ?? []);
    }
}
