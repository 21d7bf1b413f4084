using System.Linq.Expressions;
using System.Reflection;
using GraphQL;
using GraphQL.Resolvers;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Calls a subscription method and passes on its <c>IAsyncEnumerable</c>. The library's resolver would immediately start to push items.
/// </summary>
internal sealed class PulledStreamResolver(MethodInfo method, LambdaExpression instance, IList<LambdaExpression> arguments)
    : SourceStreamMethodResolver(method, instance, arguments)
{
    private static readonly MethodInfo CompileOfItem = typeof(PulledStreamResolver).GetMethod(
        nameof(Compile),
        BindingFlags.Static | BindingFlags.NonPublic
    )!;

    protected override Func<IResolveFieldContext, ValueTask<IObservable<object?>>> BuildSourceStreamResolver(
        ParameterExpression resolveFieldContextParameter,
        Expression bodyExpression
    )
    {
        var compile = CompileOfItem.MakeGenericMethod(bodyExpression.Type.GetGenericArguments()[0]);
        return (Func<IResolveFieldContext, ValueTask<IObservable<object?>>>)
            compile.Invoke(null, [resolveFieldContextParameter, bodyExpression])!;
    }

    private static Func<IResolveFieldContext, ValueTask<IObservable<object?>>> Compile<T>(ParameterExpression context, Expression body)
    {
        var call = Expression.Lambda<Func<IResolveFieldContext, IAsyncEnumerable<T>>>(body, context).Compile();
        return field => new(new PulledSource<T>(call(field)));
    }
}
